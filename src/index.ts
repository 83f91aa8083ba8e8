// The public API.
export { Stack } from './stack';
export type { MemoryProfile, StackOptions } from './options';
export type { ConnectOptions, ListenOptions } from './tcp/calls';
export type { Connection, ConnectionHandler } from './tcp/connection';
export type { Listener } from './tcp/listener';
export { CloseReason, closeReasonName, SoftError } from './tcp/errors';
export { State, stateName } from './tcp/states';
export { ConnectionStatus, currEstab } from './tcp/status';
export { formatAddress, parseAddress } from './ip/address';
export { rawSum, rawSumOf, rawSumOfFrame, sumWords } from './wire/checksum';

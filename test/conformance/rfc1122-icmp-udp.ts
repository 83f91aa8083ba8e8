import type { Row } from './row';
import { declined, inapplicable } from './row';

// RFC 1122, ICMP and UDP: see `rfc1122-ip.ts`.

const MUST = 'MUST';
const NOT = 'MUST NOT';
const SHOULD = 'SHOULD';
const SHOULD_NOT = 'SHOULD NOT';
const MAY = 'MAY';

const NO_TIMESTAMPS = inapplicable('ICMP timestamps are optional and not spoken; the test shows that a request is left unanswered.');
const NO_MASKS = inapplicable(
  'ICMP address masks are not spoken (RFC 6918 has withdrawn them); the test shows that none are asked for, answered or believed.');
const QUENCH = 'RFC 6633 has withdrawn Source Quench: hosts send none and drop what they get.';
const ONE_ADDRESS = 'The host has one address';

export const ICMP_AND_UDP: Row[] = [
  ['1122-3.2.2-1', MUST, 'ICMP messages of unknown type are dropped without a word.'],
  ['1122-3.2.2-2', MAY, 'An error may repeat more than eight octets of the datagram\'s data.',
    declined('Eight tell the sender which datagram it was; more would take up a slow link.')],
  ['1122-3.2.2-3', MUST, 'What an error repeats is as it came.'],
  ['1122-3.2.2-4', MUST, 'An error is handed to the transport protocol whose datagram it repeats.'],
  ['1122-3.2.2-5', SHOULD, 'Errors are sent with type of service 0.'],
  ['1122-3.2.2-6', NOT, 'No error is sent about an ICMP error.'],
  ['1122-3.2.2-7', NOT, 'None about a datagram to a broadcast or multicast address.'],
  ['1122-3.2.2-8', NOT, 'None about a datagram that came as a broadcast of the link.'],
  ['1122-3.2.2-9', NOT, 'None about a fragment that is not the first.'],
  ['1122-3.2.2-10', NOT, 'None about a datagram whose source is not one host.'],
  ['1122-3.3.8-1', MUST, 'Where they are allowed, errors are sent.'],
  ['1122-3.2.2.1-1', SHOULD, 'An unreachable protocol or port is reported.'],
  ['1122-3.2.2.1-2', MUST, 'Destination Unreachable is handed to the layer above.'],
  ['1122-3.2.2.1-3', SHOULD, 'That layer does something about it.'],
  ['1122-3.2.2.1-4', MUST, 'It is a hint, and no proof that the destination is gone.'],
  ['1122-3.2.2.2-1', SHOULD_NOT, 'A host sends no redirects.'],
  ['1122-3.2.2.2-2', MUST, 'A redirect changes the way to its destination.'],
  ['1122-3.2.2.2-3', MUST, 'Redirects for hosts and for networks both do.'],
  ['1122-3.2.2.2-4', SHOULD, 'One that cannot be right is dropped.'],
  ['1122-3.2.2.3-1', MAY, 'Source Quench may be sent when there is too much.', declined(QUENCH)],
  ['1122-3.2.2.3-2', MUST, 'Source Quench is handed to the layer above.', inapplicable(QUENCH + ' The test shows that it is dropped.')],
  ['1122-3.2.2.3-3', SHOULD, 'That layer sends more slowly.', declined(QUENCH)],
  ['1122-3.2.2.4-1', MUST, 'Time Exceeded is handed to the layer above.'],
  ['1122-3.2.2.5-1', SHOULD, 'Headers that make no sense are reported by Parameter Problem.'],
  ['1122-3.2.2.5-2', MUST, 'Parameter Problem is handed to the layer above.'],
  ['1122-3.2.2.5-3', MAY, 'A person may be told of it.'],
  ['1122-3.2.2.6-1', MUST, 'Echo requests are answered.'],
  ['1122-3.2.2.6-2', SHOULD, 'There is a way to send echo requests.',
    declined('A board is pinged and pings nobody; its applications have UDP and TCP to ask with.')],
  ['1122-3.2.2.6-3', MAY, 'An echo request to a broadcast address may be left unanswered.'],
  ['1122-3.2.2.6-4', MAY, 'So may one to a group.'],
  ['1122-3.2.2.6-5', MUST, 'The answer comes from the address that was asked.'],
  ['1122-3.2.2.6-6', MUST, 'The answer holds all data of the request.'],
  ['1122-3.2.2.6-7', MUST, 'An echo reply is handed to whoever asked for it.',
    inapplicable('Nobody here sends echo requests; the test shows that a reply is counted and dropped.')],
  ['1122-3.2.2.6-8', SHOULD, 'Options that record the route or times are filled in and come back in the answer.',
    declined('They come back as they were; routers drop datagrams with them, so nothing is gained by more code.')],
  ['1122-3.2.2.6-9', MUST, 'An answer goes back over the source route that the request came by.'],
  ['1122-3.2.2.7-1', SHOULD_NOT, 'Information requests are neither sent nor answered.'],
  ['1122-3.2.2.8-1', MAY, 'Timestamp requests may be answered.', declined('They tell strangers the board\'s clock, and nobody uses them.')],
  ['1122-3.2.2.8-2', SHOULD, 'Their answers take always about as long.', declined('There are none.')],
  ['1122-3.2.2.8-3', MAY, 'A timestamp request to a broadcast address may be dropped.'],
  ['1122-3.2.2.8-4', MAY, 'So may one to a group.'],
  ['1122-3.2.2.8-5', MUST, 'The answer comes from the address that was asked.', NO_TIMESTAMPS],
  ['1122-3.2.2.6-10', SHOULD, 'Options that record the route or times come back in its answer.', declined('There are none.')],
  ['1122-3.2.2.8-6', MUST, 'The answer goes back over the source route of the request.', NO_TIMESTAMPS],
  ['1122-3.2.2.8-7', MUST, 'A timestamp reply is handed to whoever asked for it.', NO_TIMESTAMPS],
  ['1122-3.2.2.8-8', MUST, 'Times are of the standard form, or marked as others.', NO_TIMESTAMPS],
  ['1122-3.2.2.9-1', MUST, 'It can be set where the mask comes from.'],
  ['1122-3.2.2.9-2', MUST, 'The mask can be given by hand.'],
  ['1122-3.2.2.9-3', MAY, 'It may be found while the host starts.'],
  ['1122-3.2.2.9-4', MAY, 'It may be asked for by ICMP.', declined('DHCP tells it.')],
  ['1122-3.2.2.9-5', MUST, 'Who asks asks again when there is no answer.', NO_MASKS],
  ['1122-3.2.2.9-6', SHOULD, 'Without an answer, the mask is that of the address\' class.'],
  ['1122-3.2.2.9-7', MUST, 'Only the first answer counts.', NO_MASKS],
  ['1122-3.2.2.9-8', SHOULD, 'A mask that makes no sense is not taken.'],
  ['1122-3.2.2.9-9', NOT, 'Nobody tells others a mask who was not told to.'],
  ['1122-3.2.2.9-10', MUST, 'Who does was told so by hand.', NO_MASKS],
  ['1122-3.2.2.9-11', SHOULD, 'A mask given by hand says whether it is to be told to others.', declined('Masks are told to nobody.')],
  ['1122-3.2.2.9-12', MUST, 'Who tells others the mask does so to everybody when it starts.', NO_MASKS],

  ['1122-4.1.3.1-1', SHOULD, 'A datagram to a closed port is answered with port unreachable.'],
  ['1122-4.1.3.2-1', MUST, 'An application gets the IP options of a datagram.'],
  ['1122-4.1.3.2-2', MUST, 'It can say which options go with what it sends.'],
  ['1122-4.1.3.2-3', MUST, 'UDP hands those to IP.'],
  ['1122-4.1.3.3-1', MUST, 'An application is told of ICMP errors about its datagrams.'],
  ['1122-4.1.3.4-1', MUST, 'Checksums are made and checked.'],
  ['1122-4.1.3.4-2', MUST, 'A datagram with a wrong one is dropped without a word.'],
  ['1122-4.1.3.4-3', MAY, 'A sender may go without.', declined('A checksum takes little and finds much.')],
  ['1122-4.1.3.4-4', MUST, 'Unless it is told to, it does not.'],
  ['1122-4.1.3.4-5', MAY, 'A receiver may insist on checksums.', declined('Datagrams without are rare; what is in them has checks of its own.')],
  ['1122-4.1.3.5-1', MUST, 'An application learns which address a datagram was sent to.'],
  ['1122-4.1.3.5-2', MUST, 'It can say which address it sends from.', inapplicable(ONE_ADDRESS + ': there is nothing to choose. The test shows that it is used.')],
  ['1122-4.1.3.5-3', MUST, 'It can leave that open.'],
  ['1122-4.1.3.5-4', SHOULD, 'It learns which address was taken.'],
  ['1122-4.1.3.6-1', MUST, 'A datagram whose source no single other host can have is dropped without a word.'],
  ['1122-4.1.3.6-2', MUST, 'What we send comes from our own address, or not at all.'],
  ['1122-4.1.4-1', MUST, 'An application has the use of all that IP offers a transport protocol.'],
  ['1122-4.1.4-2', MUST, 'It sets time to live, type of service and options of what it sends.'],
  ['1122-4.1.4-3', MAY, 'It may get to know the type of service of what has come.'],
];

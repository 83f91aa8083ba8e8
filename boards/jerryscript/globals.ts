// Functions of Espruino's that apps may call: the build gives them to those that do.
export { getTime } from '../../hal/jerryscript';

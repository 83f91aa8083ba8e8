/**
 * The text of a bundle with its functions that begin with the directive 'cold' moved out of the way.
 * @throws Error when one of them is used for something else than a call
 */
export function moveCold(text: string): string;

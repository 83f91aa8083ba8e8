/**
 * The text of a bundle with its functions and methods that begin with the directive 'cold' moved out of the way.
 * @param own the names that only our objects have; a cold method must have one of them
 * @param shorten what makes the texts of functions shorter
 * @throws Error when one of them is used for something else than a call
 */
export function moveCold(text: string, own: ReadonlySet<string>, shorten?: (texts: string[]) => string[]): string;

/** Variables that the script around what `moveCold` returns has to declare. */
export const coldNames: string[];

/**
 * Puts the texts of cold functions one behind the other, once all names have their final form.
 * @throws Error when a text would not find its parameters, or holds what stands between two
 */
export function joinTexts(text: string): string;

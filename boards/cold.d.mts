/**
 * The text of a bundle with its functions and methods that begin with the directive 'cold' moved out of the way.
 * @param own the names that only our objects have; a cold method must have one of them
 * @param shorten what makes the texts of functions shorter
 * @param wide their places in the whole text may take more than 16 bits
 * @param fields all names that only our objects have, among them those that several have
 * @throws Error when one of them is used for something else than a call
 */
export function moveCold(
  text: string, own: ReadonlySet<string>, shorten?: (texts: string[]) => string[], wide?: boolean, fields?: ReadonlySet<string>,
): string;

/** The name of the function that holds the texts. */
export const HOLDER: string;

/** Variables that the script around what `moveCold` returns has to declare. */
export const coldNames: string[];

/**
 * Puts the texts of cold functions one behind the other, once all names have their final form.
 * @returns undefined when they are more than `most` octets together
 * @throws Error when a text would not find its parameters, or holds what stands between two
 */
export function joinTexts(text: string): string;
export function joinTexts(text: string, most: number): string | undefined;

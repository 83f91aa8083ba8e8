/**
 * A bundle with its whole numbers in full, and `undefined` where fields and elements are set to null.
 * @param text one that tells null and undefined apart nowhere but in what it hands to callbacks
 */
export function plainValues(text: string): string;

/**
 * A bundle whose cold functions are texts, with the fields of objects that only these use in one object.
 * @param names the variables that hold an object of which there is one only
 * @param fields the names that only our objects have; those that are given here are added
 * @param holder the name of the function that holds the texts
 */
export function gatherSeldom(text: string, names: readonly string[], fields: Set<string>, holder: string): string;

/** Variables that the script around it has to declare. */
export const gatheredNames: string[];

/** Variables that the script around what `shareTables` returns has to declare; they are declared in it, too. */
export const tableNames: string[];

/**
 * A bundle with its small typed arrays side by side in memory that they share.
 * @param text a bundle in which typed arrays are made of a list, a count, or memory with an offset and a count, and who
 *   wants an array's own octets goes by its `byteOffset`
 */
export function shareTables(text: string): string;

/** Variables that the script around what `shareTables` returns has to declare; they are declared in it, too. */
export const tableNames: string[];

/**
 * A bundle with its small typed arrays side by side in memory that they share.
 * @param text a bundle in which arrays of ours that are made with a count are written as `new $Uint8Array(count)`, which is
 *   what the lowering makes of them
 */
export function shareTables(text: string): string;

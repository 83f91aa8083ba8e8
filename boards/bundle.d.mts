/** The text that is flashed, for the text of an entry and a memory profile. */
export function bundle(entry: string, profile: object): Promise<{ text: string; inputs: Record<string, { bytesInOutput: number }> }>;

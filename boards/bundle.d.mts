/** The text that is flashed, for the text of an entry and a memory profile. `planted`: texts in the place of files, by their paths. */
export function bundle(
  entry: string, profile: object, planted?: Record<string, string>,
): Promise<{ text: string; inputs: Record<string, { bytesInOutput: number }> }>;

/** @returns a sentence for each fault, none for a text that Espruino takes */
export function checkDialect(text: string): string[];

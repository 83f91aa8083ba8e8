/** The same script in Espruino's short form: an octet for each reserved word and operator. */
export function tokenise(text: string): string;

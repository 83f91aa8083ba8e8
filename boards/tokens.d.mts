/** The same script in Espruino's short form: an octet for each reserved word and operator. */
export function tokenise(text: string): string;

/** Whether a Storage of so many octets holds a script of so many. */
export function holds(storage: number, bytes: number): boolean;

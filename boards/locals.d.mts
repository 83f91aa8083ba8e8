/** The text of a script whose locals share names where they are never needed at the same time. */
export function shareLocals(text: string, parameters: boolean): string;

export function shareErrors(text: string): string;
export function aliasGlobals(text: string): { text: string; aliases: string[] };
export function chainAssignments(text: string): string;

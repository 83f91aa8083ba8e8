/** The text of a script with the methods of classes as functions and their objects as plain ones; `own`: names that may be. */
export function freeClasses(text: string, own: ReadonlySet<string>): string;

/** The text of a script with what is called in one place put there; `own`: names that only our own objects have. */
export function placeOnce(text: string, own: ReadonlySet<string>): string;

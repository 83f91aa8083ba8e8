/** The text of a script without functions that are shorter in place than called; `own`: names that only our own objects have. */
export function spreadSmall(text: string, own: ReadonlySet<string>): string;

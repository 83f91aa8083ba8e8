/** The text of a script with the block-scoped variables of its functions made function-scoped. */
export function toVars(text: string): string;

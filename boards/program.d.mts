/** The text of src/features.ts with each switch as the memory profile says. */
export function featuresText(text: string, profile: object): string;
/** A memory profile with all its switches on, or off. */
export function withSwitches<T extends object>(profile: T, on: boolean): T;

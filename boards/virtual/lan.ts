/** What the board's cable leads to. */
export interface Lan {
  /** For people: `localhost`, `tap:enc0`. */
  readonly name: string;
  /** @throws Error with a sentence that says what is wrong and what would help */
  open(): Promise<void>;
  close(): Promise<void>;
  /** What a person may type to talk to the board. */
  lines(): string[];
}

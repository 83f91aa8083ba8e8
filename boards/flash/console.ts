import type { Transport } from './transport';

/** Milliseconds for an answer: erasing a page of flash, or tidying up Storage, takes seconds. */
const PATIENCE = 20_000;
/** Milliseconds for the first answer, and until an interruption has had its effect. */
const GREETING = 2000;
const SETTLING = 500;
/** Times that it is asked: an interruption that comes late hits the question behind it. */
const TRIES = 5;
/** Interrupts what runs and clears the line; and in front of a line: no echo, no prompt, no result. */
const INTERRUPT = '\x03';
const SILENT = '\x10';

/** Espruino's console: evaluates expressions there. */
export class BoardConsole {
  private heard = '';
  private gone = false;
  private wake: () => void = () => undefined;
  private asked = 0;

  constructor(private readonly transport: Transport, private readonly port: string) {
    transport.onText = (text) => {
      this.heard += text;
      this.wake();
    };
    transport.onGone = () => {
      this.gone = true;
      this.wake();
    };
  }

  /**
   * Finds out what the board is. One that works on something is interrupted, but only then: the interruption comes late,
   * and would hit the next line.
   * @throws Error when nobody answers as Espruino does
   */
  async greet(): Promise<{ board: string; version: string }> {
    for (let tries = 1; ; tries++) {
      try {
        const [board, version] = (await this.ask('[process.env.BOARD,process.env.VERSION]', GREETING)) as [string, string];
        return { board, version };
      } catch (error) {
        if (this.gone || tries === TRIES) throw error;
        await this.transport.write(INTERRUPT);
        await new Promise((resolve) => setTimeout(resolve, SETTLING));
        await this.transport.write('\n');
      }
    }
  }

  /**
   * @param expression of JSON's kinds
   * @throws Error with the board's own words when it throws, or a sentence when it does not answer
   */
  async ask(expression: string, patience = PATIENCE): Promise<unknown> {
    // The mark is put together on the board, so that an echo of the line is not taken for the answer.
    const mark = `#${++this.asked}#`;
    this.heard = '';
    const value = `(function(){try{return JSON.stringify({is:${expression}});}catch(e){return JSON.stringify({error:""+e});}})()`;
    await this.transport.write(`${SILENT}print("#"+${this.asked}+"#"+${value}+"#");\n`);
    const text = await this.until((heard) => new RegExp(`${mark}(\\{.*?\\})#\\r?\\n`).exec(heard)?.[1], patience);
    const answer = JSON.parse(text) as { is?: unknown; error?: string };
    if (answer.error !== undefined) throw new Error(`The board says: ${answer.error}`);
    return answer.is;
  }

  /** Sends a line and does not wait. */
  async tell(line: string): Promise<void> {
    await this.transport.write(`${SILENT}${line}\n`);
  }

  private async until(found: (heard: string) => string | undefined, patience: number): Promise<string> {
    const end = Date.now() + patience;
    for (;;) {
      const text = found(this.heard);
      if (text !== undefined) return text;
      if (this.gone) throw new Error(`${this.port}: the connection was closed.`);
      const left = end - Date.now();
      if (left <= 0) {
        throw new Error(`${this.port}: nobody answers as Espruino does. Is it the board's console, and is the board running? ` +
          'Reset it and try again.');
      }
      await new Promise<void>((resolve) => {
        const limit = setTimeout(resolve, left);
        this.wake = () => {
          clearTimeout(limit);
          resolve();
        };
      });
    }
  }
}

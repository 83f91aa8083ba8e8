import type { Forward } from './lan-localhost';

/** Ports that an app serves, each with the port of this machine that leads there when none is asked for. */
const CONSOLE: readonly Forward[] = [{ host: 2323, board: 23 }];
const OTHERS: readonly Forward[] = [{ host: 8080, board: 80 }, { host: 7007, board: 7 }];

/** What an app of ours serves; one of the user's own, as far as anybody knows, what the hello app does. */
export function servedBy(app: string): readonly Forward[] {
  return app === 'console' ? CONSOLE : OTHERS;
}

/** A command for a shell that talks to the board's port `board`, which is reached as `port` of `host`. */
export function commandFor(host: string, port: number, board: number): string {
  if (board === 80) return `curl http://${host}${port === 80 ? '' : `:${port}`}/`;
  const what = board === 7 ? 'echo' : board === 23 ? 'console' : `port ${board}`;
  return `nc ${host} ${port}    # ${what}`;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { NetworkNamespace } from '../hal/desktop/namespace';

/** Where a connection goes, and where from when it is not the host's first address. */
export interface Way {
  host: string;
  port: number;
  from?: string;
}

interface Call {
  resolve: (result: never) => void;
  reject: (error: Error) => void;
}

/** TCP connections of the kernel inside a namespace, made and used by a process there. */
export class Peer {
  private readonly child: ChildProcess;
  private readonly calls = new Map<number, Call>();
  private next = 0;

  constructor(inside: NetworkNamespace) {
    this.child = spawn('ip', ['netns', 'exec', inside.name, process.execPath, join(__dirname, 'peer-program.mjs')], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.child.on('message', ({ number, result, error }: { number: number; result: never; error?: string }) => {
      const call = this.calls.get(number);
      this.calls.delete(number);
      if (error === undefined) call?.resolve(result);
      else call?.reject(new Error(error));
    });
    this.child.on('exit', () => {
      for (const call of this.calls.values()) call.reject(new Error('The peer has ended.'));
      this.calls.clear();
    });
  }

  /** Opens a connection. @returns its number, once it is established @throws Error with the kernel's code: `ECONNREFUSED` */
  open(way: Way): Promise<number> {
    return this.call('open', { ...way });
  }

  say(id: number, text: string): Promise<void> {
    return this.call('say', { id, text });
  }

  /** Sends so many octets and reads none of what comes back. */
  flood(id: number, octets: number, seed: number): Promise<void> {
    return this.call('flood', { id, octets, seed });
  }

  /** The next octets that the board says; fewer when it ends before. */
  hear(id: number, octets: number): Promise<string> {
    return this.call('hear', { id, octets });
  }

  /** Sends a FIN and goes on listening. */
  end(id: number): Promise<void> {
    return this.call('end', { id });
  }

  /** Closes with SO_LINGER at 0, which sends a RST. */
  reset(id: number): Promise<void> {
    return this.call('reset', { id });
  }

  leave(id: number): Promise<void> {
    return this.call('leave', { id });
  }

  /** Waits until the board has said all: `ended` after its FIN, else the kernel's error. */
  over(id: number): Promise<string> {
    return this.call('over', { id });
  }

  /** Sends a pattern to an echo service, ends when all is back. @returns `identical`, or what was not */
  echo(way: Way, octets: number, seed: number): Promise<string> {
    return this.call('echo', { ...way, octets, seed });
  }

  /** Starts a server on all of the host's addresses. @returns its port */
  serve(kind: 'echo' | 'http'): Promise<number> {
    return this.call('serve', { kind });
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
  }

  private call<T>(action: string, values: object): Promise<T> {
    const number = this.next++;
    return new Promise<T>((resolve, reject) => {
      this.calls.set(number, { resolve: resolve as Call['resolve'], reject });
      this.child.send({ number, action, values });
    });
  }
}

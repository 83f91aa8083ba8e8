import type { Board } from '../board';
import type { Ethernet } from '../espruino/enc28j60';

/** What gets flashed: started once the board is on the network. */
export type App = (board: Pick<Board, 'name'>, ethernet: Ethernet) => void;

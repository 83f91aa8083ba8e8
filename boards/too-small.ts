/** A board that cannot hold the file. */
export interface SmallBoard {
  name: string;
  /** As `Board` has them. */
  source: string;
  variables: number;
  storage: number;
}

/** Boards that people may ask for, and that cannot hold the file: by the names that theirs would have. */
export const tooSmall: Record<string, SmallBoard> = {
  pixljs: { name: 'Pixl.js', source: 'boards/PIXLJS.py', variables: 2950, storage: 36864 },
  mdbt42q: { name: 'MDBT42Q', source: 'boards/MDBT42Q.py', variables: 2950, storage: 40960 },
  espruino: { name: 'Original Espruino', source: 'boards/ESPRUINOBOARD.py', variables: 2756, storage: 20480 },
};

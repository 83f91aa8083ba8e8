import { type Product, build } from '../../boards/virtual/product';

const built = new Map<string, Product>();

/** The hello app for a board, built once a process. */
export function helloFor(board: string): Product {
  const product = built.get(board) ?? build(board, 'hello');
  built.set(board, product);
  return product;
}

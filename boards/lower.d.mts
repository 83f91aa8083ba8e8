/** The modules that an entry needs, as JavaScript, and the names of the variables that stand for single objects. */
export function lower(
  entry: string,
  profile: object,
  planted?: Record<string, string>,
): { modules: Map<string, string>; entry: string; names: string[] };

/** The apps of boards/apps, which `--app` takes. */
export function appNames(): string[];

/**
 * Makes sure that the file of an app is one: a bundle with another would start nothing.
 * @param from the folder that it stands in, when that is not boards/apps
 * @throws UsageError when it exports no app; Error of esbuild's when it is no TypeScript
 */
export function checkApp(name: string, from?: string): Promise<void>;

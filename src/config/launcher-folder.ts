/** The folder `SERVICE.d`: its path, and the launchers in it; null where it can not be listed. */
export interface LauncherFolder {
  readonly path: string;
  readonly names: readonly string[] | null;
}

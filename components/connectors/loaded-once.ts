/**
 * A module that is loaded ahead of the moment in which it must be there. One that failed to load is tried again at the
 * next call.
 */
export class LoadedOnce<Module> {
  /** The module, once it is here. */
  now: Module | null = null;
  #loading: Promise<Module> | null = null;

  constructor(private readonly fetchModule: () => Promise<Module>) {}

  load(): Promise<Module> {
    this.#loading ??= this.fetchModule().then(
      (module) => {
        this.now = module;
        return module;
      },
      (error: unknown) => {
        this.#loading = null;
        throw error;
      },
    );
    return this.#loading;
  }
}

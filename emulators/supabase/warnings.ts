/**
 * Node's own process.emitWarning, kept before the REST engine is loaded: the engine replaces it by one that throws when a
 * warning is an Error, which ends the process on the first unhandled rejection notice. Import it before the engine.
 */
export const emitWarning = process.emitWarning;

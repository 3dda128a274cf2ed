/** Frontends for programs nobody can edit. They stand in a pipe, write no file, and change no byte but the carrier's. */
export {};

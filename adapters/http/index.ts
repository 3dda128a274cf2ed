/** The HTTP front and the HTTP client of another host. Writes nothing, listens nowhere; imports no framework. */
export { correlatedFetch } from '../../src/context/fetch.js';
export type { FetchOptions } from '../../src/context/fetch.js';
export { correlateHttp } from './correlate.js';
export type { HttpMiddleware, HttpOptions, HttpRequest } from './correlate.js';

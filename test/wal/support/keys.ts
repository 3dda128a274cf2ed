/** Ed25519 keys for tests, and for nothing else. */

export const testKey: string = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f
-----END PRIVATE KEY-----
`;

export const otherKey: string = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIP8BAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f
-----END PRIVATE KEY-----
`;

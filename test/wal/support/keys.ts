/** Ed25519 keys for tests, and for nothing else. */
import { createPublicKey } from 'node:crypto';

export const testKey: string = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f
-----END PRIVATE KEY-----
`;

export const otherKey: string = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIP8BAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f
-----END PRIVATE KEY-----
`;

export const testPublicKey: string = publicKeyOf(testKey);
export const otherPublicKey: string = publicKeyOf(otherKey);

function publicKeyOf(privateKey: string): string {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
}

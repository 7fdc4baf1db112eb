/** How to reach an API server, with what to trust and what to show. */
export interface KubeEndpoint {
  /** https://host:port, without a path's last slash */
  readonly server: string;
  readonly caPem: string | undefined;
  /** The name in the server's certificate, where it is not the host's. */
  readonly serverName: string | undefined;
  readonly certPem: string | undefined;
  readonly keyPem: string | undefined;
  /** The bearer token of this moment; undefined where certificates speak. @throws where it cannot be had */
  readonly token: () => string | undefined | Promise<string | undefined>;
}

/** Where things are in the rig; world.sh gives them these addresses. */
export const ADDRESSES = {
  /** The rig's host on the internet's side; no list of private ranges has it. */
  hostPublic: "93.185.0.2",
  /** As in a company's network. */
  hostPrivate: "10.99.0.1",
  /** Names that do not say otherwise lead here. */
  allowed: "93.184.200.1",
  /** Public, and nothing answers. */
  refusing: "93.184.201.1",
  /** Any resolver on the internet. */
  resolver: "8.8.8.8",
  metadata: "169.254.169.254",
  metadata6: "fd00:ec2::254",
} as const;

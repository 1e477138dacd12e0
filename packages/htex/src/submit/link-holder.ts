import type { FrameLink } from '../link/frame-link.js';

/** Who has the link to the interchange: another one when the interchange had to be started again. */
export interface LinkHolder {
  readonly link: FrameLink;
}

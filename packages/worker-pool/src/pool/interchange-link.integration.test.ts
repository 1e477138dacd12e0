import { Dealer, Router } from 'zeromq';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { InterchangeLink } from './interchange-link.js';

let router: Router;
let link: InterchangeLink;

beforeEach(async () => {
  router = new Router({ linger: 0 });
  await router.bind('tcp://127.0.0.1:0');
  const dealer = new Dealer({ linger: 0 });
  dealer.connect(router.lastEndpoint!);
  link = new InterchangeLink(dealer);
});

afterEach(async () => {
  await link.finish(0);
  router.close();
});

test('messages keep their order', async () => {
  const sent = Array.from({ length: 200 }, (_, index) => String(index));
  for (const text of sent) link.send([Buffer.from(text)]);
  for (const text of sent) {
    const [, message] = await router.receive();
    expect(message!.toString()).toBe(text);
  }
});

test('no message stays behind that comes while another has just left', async () => {
  link.send([Buffer.from('start')]);
  void link.receive((frames) => link.send(frames));
  const [identity] = await router.receive();
  for (let round = 0; round < 3000; round++) {
    const outstanding = 1 + (round % 3);
    for (let count = 0; count < outstanding; count++) await router.send([identity!, 'echo']);
    for (let count = 0; count < outstanding; count++) await router.receive();
  }
});

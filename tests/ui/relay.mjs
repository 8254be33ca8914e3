// A way to the controller that can be made to stand still, without any end of it being closed.
import net from 'node:net';

import {base} from './browser.mjs';

export class Relay {
  constructor() {
    this.pairs = new Set();
    this.frozen = false;
    this.server = net.createServer((from) => this.#join(from));
  }

  // Its address.
  async listen() {
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.server.unref();
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  #join(from) {
    const {hostname, port} = new URL(base);
    const to = net.connect(port, hostname);
    const pair = [from, to];
    this.pairs.add(pair);
    for (const [a, b] of [pair, [to, from]]) {
      a.on('data', (data) => b.write(data));
      a.on('error', () => {});
      a.on('close', () => {
        this.pairs.delete(pair);
        b.destroy();
      });
    }
    if (this.frozen) pair.forEach((socket) => socket.pause());
  }

  freeze() {
    this.frozen = true;
    for (const pair of this.pairs) pair.forEach((socket) => socket.pause());
  }

  thaw() {
    this.frozen = false;
    for (const pair of this.pairs) pair.forEach((socket) => socket.resume());
  }

  close() {
    this.server.close();
    for (const pair of this.pairs) pair.forEach((socket) => socket.destroy());
  }
}

// A receiver of callbacks, as an application would have one.
import { once } from 'node:events';
import { createServer } from 'node:http';

/** Starts one that answers every callback with success. @returns {Promise<{ url: string, stop: () => Promise<void> }>} */
export async function receiver() {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.end('{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${server.address().port}/tim`, stop };
}

package dev.firn.testing.s3;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A reverse proxy on the loopback interface, in front of an S3 server on the same interface. Passes
 * headers on as they came, so that signatures stay valid; receives each request whole before it
 * sends it on. Thread-safe; owns its threads, daemons, one for each open connection of a client.
 */
public final class S3FaultProxy implements AutoCloseable {
  private static final int MOST_CONNECTIONS = 2000;

  private final ServerSocket server;
  private final Upstream upstream;
  private final S3Faults faults = new S3Faults();
  private final S3RequestLog log = new S3RequestLog();
  private final Set<Link> open = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads =
      new ThreadPoolExecutor(
          1,
          MOST_CONNECTIONS + 1,
          10,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          task -> {
            Thread thread = new Thread(task, "s3-fault-proxy");
            thread.setDaemon(true);
            return thread;
          },
          // its connection is closed where it was accepted
          new ThreadPoolExecutor.AbortPolicy());

  private S3FaultProxy(ServerSocket server, int serverPort) {
    this.server = server;
    this.upstream = new Upstream(serverPort, new Pieces());
  }

  /** Starts it in front of a server on the loopback interface. */
  public static S3FaultProxy start(int serverPort) throws IOException {
    ServerSocket socket = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    S3FaultProxy proxy = new S3FaultProxy(socket, serverPort);
    proxy.threads.execute(proxy::accept);
    return proxy;
  }

  public int port() {
    return server.getLocalPort();
  }

  public S3Faults faults() {
    return faults;
  }

  public S3RequestLog requests() {
    return log;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        serve(new Link(server.accept()));
      } catch (IOException e) {
        // the client left at once, or the proxy was closed
      }
    }
  }

  private void serve(Link client) throws IOException {
    open.add(client);
    try {
      threads.execute(
          () -> {
            try {
              new ClientConnection(client, upstream, faults, log).run();
            } finally {
              open.remove(client);
            }
          });
    } catch (RejectedExecutionException e) {
      open.remove(client);
      client.close();
    }
  }

  /** Ends all connections. */
  @Override
  public void close() throws IOException {
    server.close();
    for (Link client : open) {
      client.close();
    }
    threads.shutdownNow();
    upstream.close();
  }
}

package dev.firn.catalog.jdbc;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A network between a PostgreSQL client and its server, on the loopback interface, that fails when
 * it is told to. Thread-safe; owns its threads and sockets until {@link #close()}.
 */
final class AnswerSwallowingProxy implements AutoCloseable {
  /** What happens to the next COMMIT. */
  enum Plan {
    NONE,
    /** It reaches the server; the answer reaches nobody, and the connection breaks. */
    SWALLOW_ANSWER,
    /** It reaches nobody, and the connection breaks on both sides. */
    BREAK_BEFORE,
    /** It reaches nobody, and the server learns nothing of it: its transaction stays open. */
    PARTITION
  }

  private final ServerSocket listening;
  private final int serverPort;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private volatile Plan plan = Plan.NONE;
  private volatile Runnable meanwhile = () -> {};

  AnswerSwallowingProxy(int serverPort) throws IOException {
    this.serverPort = serverPort;
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start("proxy-accept", this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  /**
   * Plans the end of the connection that commits next; others work in the window. The client must
   * send COMMIT as text: {@code prepareThreshold=0}.
   */
  void next(Plan next, Runnable others) {
    meanwhile = others;
    plan = next;
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = listening.accept();
      Socket server = new Socket();
      server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort));
      sockets.addAll(List.of(client, server));
      boolean[] swallow = new boolean[1];
      start("proxy-requests", () -> requests(client, server, swallow));
      start("proxy-answers", () -> answers(client, server, swallow));
    }
  }

  private void requests(Socket client, Socket server, boolean[] swallow) throws IOException {
    Plan now = Plan.NONE;
    try (client) {
      byte[] bytes = new byte[65_536];
      InputStream in = client.getInputStream();
      for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
        if (new String(bytes, 0, n, ISO_8859_1).contains("COMMIT")) {
          now = plan;
          plan = Plan.NONE;
        }
        if (now == Plan.BREAK_BEFORE) {
          server.close();
        }
        if (now == Plan.BREAK_BEFORE || now == Plan.PARTITION) {
          meanwhile.run();
          return;
        }
        synchronized (swallow) {
          swallow[0] = now == Plan.SWALLOW_ANSWER;
        }
        server.getOutputStream().write(bytes, 0, n);
      }
    } finally {
      if (now != Plan.PARTITION) {
        server.close();
      }
    }
  }

  private void answers(Socket client, Socket server, boolean[] swallow) throws IOException {
    try (client;
        server) {
      byte[] bytes = new byte[65_536];
      InputStream in = server.getInputStream();
      for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
        synchronized (swallow) {
          if (swallow[0]) {
            meanwhile.run();
            return;
          }
        }
        client.getOutputStream().write(bytes, 0, n);
      }
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void start(String name, Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                // One side has gone, as planned or at the end.
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}

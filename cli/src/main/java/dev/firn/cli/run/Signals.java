package dev.firn.cli.run;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;

/**
 * Listens to SIGINT and SIGTERM without ending the process: in a JVM that shuts down, Iceberg's
 * thread pools refuse work, so that a command could neither finish its commit nor clean up.
 */
final class Signals {
  private static final List<String> NAMES = List.of("INT", "TERM");

  private Signals() {}

  /** A signal's number, 2 or 15. */
  interface Listener {
    void on(int number);
  }

  /**
   * Calls {@code listener}, on a thread of the JVM's, for each signal. Returns false where this JVM
   * has no way to.
   */
  static boolean listen(Listener listener) {
    try {
      // Not linked: the compiler warns of every mention of this JDK class.
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      InvocationHandler invoked =
          (proxy, method, arguments) -> {
            if (method.getName().equals("handle")) {
              listener.on((int) signal.getMethod("getNumber").invoke(arguments[0]));
              return null;
            }
            return method.getName().equals("hashCode") ? 1 : proxy == arguments[0];
          };
      Object made =
          Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, invoked);
      for (String name : NAMES) {
        signal
            .getMethod("handle", signal, handler)
            .invoke(null, signal.getConstructor(String.class).newInstance(name), made);
      }
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }
}

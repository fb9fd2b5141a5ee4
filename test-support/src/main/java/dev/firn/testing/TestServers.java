package dev.firn.testing;

import java.util.function.Supplier;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests their {@link PostgresServer} and {@link S3Server} parameters: one of each per JVM,
 * started on first use, stopped by JUnit at the end of the run.
 */
public final class TestServers implements ParameterResolver {
  private static final ExtensionContext.Namespace STORE =
      ExtensionContext.Namespace.create(TestServers.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == PostgresServer.class || type == S3Server.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == PostgresServer.class
        ? shared(context, PostgresServer.class, PostgresServer::start)
        : shared(context, S3Server.class, S3Server::start);
  }

  private static <T extends AutoCloseable> T shared(
      ExtensionContext context, Class<T> type, Supplier<T> start) {
    T server =
        context.getRoot().getStore(STORE).getOrComputeIfAbsent(type, any -> start.get(), type);
    if (server == null) {
      throw new ParameterResolutionException("Cannot start " + type.getSimpleName());
    }
    return server;
  }
}

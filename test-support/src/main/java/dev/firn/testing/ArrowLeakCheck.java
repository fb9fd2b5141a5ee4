package dev.firn.testing;

import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a test's {@link BufferAllocator} parameter a root of its own, and fails the test if
 * anything is still allocated from it, or a child is still open, when the test, {@code @AfterEach}
 * methods included, has ended.
 */
public final class ArrowLeakCheck implements ParameterResolver, AfterEachCallback {
  private static final long LIMIT = 1L << 30;
  private static final ExtensionContext.Namespace STORE =
      ExtensionContext.Namespace.create(ArrowLeakCheck.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == BufferAllocator.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getStore(STORE)
        .getOrComputeIfAbsent("root", name -> new RootAllocator(LIMIT), RootAllocator.class);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    @Nullable RootAllocator root = context.getStore(STORE).remove("root", RootAllocator.class);
    if (root != null) {
      check(root);
    }
  }

  /** Closes {@code root}, or fails with the list of its open buffers and children. */
  static void check(BufferAllocator root) {
    long bytes = root.getAllocatedMemory();
    int children = root.getChildAllocators().size();
    if (bytes > 0 || children > 0) {
      throw new AssertionError(
          "Arrow memory leaked: expected 0 bytes and 0 open children, got %d bytes and %d children%n%s"
              .formatted(bytes, children, root.toVerboseString()));
    }
    root.close();
  }
}

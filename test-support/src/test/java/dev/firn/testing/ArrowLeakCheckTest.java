package dev.firn.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ArrowLeakCheck.class)
class ArrowLeakCheckTest {
  @Test
  void givesAnEmptyRoot(BufferAllocator root) {
    try (ArrowBuf buffer = root.buffer(16)) {
      assertThat(root.getAllocatedMemory()).isGreaterThanOrEqualTo(buffer.capacity());
    }
  }

  @Test
  void leakedBufferFailsTheCheck() {
    RootAllocator root = new RootAllocator();
    ArrowBuf leaked = root.buffer(16);

    assertThatThrownBy(() -> ArrowLeakCheck.check(root))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("Arrow memory leaked");
    leaked.close();
  }

  @Test
  void openChildFailsTheCheck() {
    RootAllocator root = new RootAllocator();
    BufferAllocator child = root.newChildAllocator("child", 0, 1024);

    assertThatThrownBy(() -> ArrowLeakCheck.check(root))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("1 children");
    child.close();
  }

  @Test
  void emptyRootPasses() {
    assertThatCode(() -> ArrowLeakCheck.check(new RootAllocator())).doesNotThrowAnyException();
  }
}

package dev.firn.storage.scheme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.storage.Locations;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the store in a class loader that has neither the AWS nor the Hadoop jars. */
class MissingJarsTest {
  @TempDir Path directory;

  @Test
  void localFilesNeedNeitherAwsNorHadoop() throws Exception {
    Path file = Files.writeString(directory.resolve("f"), "12345");
    try (URLClassLoader loader = withoutRemoteJars()) {
      Object input = newInputFile(loader, Locations.of(file));
      assertThat(input.getClass().getClassLoader()).isSameAs(loader);
      assertThat(input).hasToString(Locations.of(file));
    }
  }

  @Test
  void missingJarsAreNamed() throws Exception {
    try (URLClassLoader loader = withoutRemoteJars()) {
      assertThatThrownBy(() -> newInputFile(loader, "s3://bucket/f"))
          .isInstanceOf(InvocationTargetException.class)
          .cause()
          .hasMessageContaining("iceberg-aws")
          .hasMessageContaining("got scheme s3");
      assertThatThrownBy(() -> newInputFile(loader, "hdfs://host/f"))
          .isInstanceOf(InvocationTargetException.class)
          .cause()
          .hasMessageContaining("hadoop-client-api")
          .hasMessageContaining("got scheme hdfs");
    }
  }

  private static Object newInputFile(ClassLoader loader, String location) throws Exception {
    Class<?> type = loader.loadClass(SchemeFileIO.class.getName());
    Object files = type.getConstructor().newInstance();
    type.getMethod("initialize", Map.class).invoke(files, Map.of());
    return type.getMethod("newInputFile", String.class).invoke(files, location);
  }

  private static URLClassLoader withoutRemoteJars() {
    URL[] urls =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.matches(".*(hadoop|awssdk|iceberg-aws).*"))
            .map(MissingJarsTest::url)
            .toArray(URL[]::new);
    return new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(entry, e);
    }
  }
}

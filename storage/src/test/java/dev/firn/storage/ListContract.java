package dev.firn.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.apache.iceberg.io.FileInfo;
import org.junit.jupiter.api.Test;

/** Listing and deleting. */
interface ListContract extends StoreUnderTest {
  /** More than a page of a listing, and than one request deletes; less where none has pages. */
  default int manyFiles() {
    return 1_005;
  }

  /** Names that mean something in paths, URIs, queries, XML or globs. */
  List<String> STRANGE =
      List.of(
          "a b", "100%", "a%20b", "a+b", "k=v", "a:b", "$x", "'q'", "\"q\"", "a&b", "<x>", "&lt;",
          "]]>", "a;b", "#h", "q?x=1&y", "[a-z]", "{a,b}", "^", "~", "a,b", "@", "..a", "a.");

  @Test
  default void listsAndDeletesAPrefix() throws IOException {
    write(at("t/data/a"), new byte[1]);
    write(at("t/data/x/b"), new byte[2]);
    write(at("t/metadata/c"), new byte[3]);
    write(at("u/d"), new byte[4]);

    assertThat(list(at("t")))
        .containsExactlyInAnyOrder(at("t/data/a"), at("t/data/x/b"), at("t/metadata/c"));
    assertThat(StreamSupport.stream(store().listPrefix(place()).spliterator(), false))
        .extracting(FileInfo::size)
        .containsExactlyInAnyOrder(1L, 2L, 3L, 4L);
    assertThat(list(at("nothing"))).isEmpty();

    store().deletePrefix(at("t"));
    store().deletePrefix(at("nothing"));

    assertThat(list(place())).containsExactly(at("u/d"));
  }

  @Test
  default void siblingsWhoseNamesBeginAlikeAreNotBelow() throws IOException {
    write(at("t/a"), new byte[1]);
    write(at("t2/b"), new byte[1]);
    write(at("t.txt"), new byte[1]);
    write(at("t-x/c"), new byte[1]);

    assertThat(list(at("t"))).containsExactly(at("t/a"));
    assertThat(list(at("t/"))).containsExactly(at("t/a"));

    store().deletePrefix(at("t"));

    assertThat(list(place())).containsExactlyInAnyOrder(at("t2/b"), at("t.txt"), at("t-x/c"));
    store().deletePrefix(at("t2/"));
    assertThat(list(place())).containsExactlyInAnyOrder(at("t.txt"), at("t-x/c"));
  }

  @Test
  default void listingTellsSizesAndTimes() throws IOException {
    long before = System.currentTimeMillis();
    write(at("f"), new byte[70_000]);
    write(at("empty"), new byte[0]);
    long after = System.currentTimeMillis();

    for (FileInfo file : store().listPrefix(place())) {
      assertThat(file.size()).isEqualTo(file.location().equals(at("f")) ? 70_000 : 0);
      // Stores tell whole seconds, by their own clock.
      assertThat(file.createdAtMillis()).isBetween(before - 2_000, after + 2_000);
    }
  }

  @Test
  default void listsAndDeletesMoreThanAPage() throws Exception {
    int many = manyFiles();
    Set<String> written = new TreeSet<>();
    for (int i = 0; i < many; i++) {
      written.add(at("many/" + i % 7 + "/f" + i));
    }
    List<String> all = List.copyOf(written);
    StoreUnderTest.together(
        8,
        thread -> {
          for (int i = thread; i < all.size(); i += 8) {
            write(all.get(i), new byte[i % 3]);
          }
          return thread;
        });

    assertThat(list(at("many"))).doesNotHaveDuplicates().hasSameElementsAs(written);
    store().deleteFiles(all.subList(0, many - 1));
    assertThat(list(at("many"))).containsExactly(all.get(many - 1));
  }

  @Test
  default void deletesManyAndForgivesMissing() throws IOException {
    List<String> locations = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      locations.add(at("f" + i));
      write(at("f" + i), new byte[i]);
    }
    locations.add(at("missing"));
    locations.add(at("nowhere/missing"));
    write(at("kept"), new byte[1]);

    store().deleteFiles(locations);
    assertThatCode(() -> store().deleteFiles(locations)).doesNotThrowAnyException();
    store().deleteFiles(List.of());

    assertThat(list(place())).containsExactly(at("kept"));
  }

  @Test
  default void deletesManyOfStrangeNames() throws IOException {
    List<String> locations = STRANGE.stream().map(name -> at("s/" + name)).toList();
    for (String location : locations) {
      write(location, location.getBytes(UTF_8));
    }
    assertThat(list(at("s"))).containsExactlyInAnyOrderElementsOf(locations);
    for (String location : locations) {
      assertThat(read(location)).asString(UTF_8).isEqualTo(location);
    }
    write(at("s/ab"), new byte[1]);

    store().deleteFiles(locations);

    assertThat(list(at("s"))).containsExactly(at("s/ab"));
  }

  @Test
  default void prefixesOfStrangeNamesAreLiteral() throws IOException {
    for (String name : STRANGE) {
      write(at("p/" + name + "/f"), new byte[1]);
    }
    write(at("p/a/f"), new byte[1]);

    for (String name : STRANGE) {
      assertThat(list(at("p/" + name))).containsExactly(at("p/" + name + "/f"));
      store().deletePrefix(at("p/" + name));
    }
    assertThat(list(at("p"))).containsExactly(at("p/a/f"));
  }
}

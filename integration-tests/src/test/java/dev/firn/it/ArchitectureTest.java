package dev.firn.it;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.PackageMatcher;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.firn.it.ArchitectureDocument.Library;
import dev.firn.it.ArchitectureDocument.Module;
import dev.firn.it.knot.left.Left;
import dev.firn.it.knot.right.Right;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The code is as {@code docs/architecture.md} says, and each rule can fail. */
class ArchitectureTest {
  private static final Path ROOT = Path.of(System.getProperty("firn.root"));

  private static JavaClasses code;
  private static ArchitectureDocument document;

  @BeforeAll
  static void read() throws IOException {
    document = ArchitectureDocument.read(ROOT.resolve("docs/architecture.md"));
    code =
        new ClassFileImporter()
            .importPaths(
                document.modules().keySet().stream()
                    .map(module -> ROOT.resolve(module).resolve("target/classes"))
                    .filter(Files::isDirectory)
                    .toList());
  }

  @Test
  void everyModuleWithMainCodeIsInTheTableAndBack() throws IOException {
    try (Stream<Path> folders = Files.list(ROOT)) {
      List<String> withCode =
          folders
              .filter(folder -> Files.isDirectory(folder.resolve("src/main/java")))
              .map(folder -> folder.getFileName().toString())
              .filter(name -> !name.equals("test-support"))
              .toList();
      assertThat(document.modules().keySet()).containsAll(withCode);
    }
    assertThat(document.modules().keySet())
        .allSatisfy(module -> assertThat(ROOT.resolve(module).resolve("pom.xml")).isRegularFile());
  }

  @Test
  void everyPackageBelongsToOneModuleWhoseFolderHoldsIt() {
    TreeSet<String> names = new TreeSet<>();
    code.forEach(c -> names.add(c.getPackageName()));
    assertThat(names).hasSizeGreaterThan(10);
    for (String name : names) {
      List<String> owners =
          document.modules().values().stream()
              .filter(module -> module.packages().stream().anyMatch(p -> covers(p, name)))
              .map(Module::name)
              .toList();
      assertThat(owners).as("modules of package " + name).hasSize(1);
      assertThat(
              ROOT.resolve(owners.get(0)).resolve("src/main/java").resolve(name.replace('.', '/')))
          .isDirectory();
    }
  }

  private static boolean covers(String pattern, String name) {
    return PackageMatcher.of(pattern).matches(name);
  }

  @Test
  void modulesUseWhatTheTableAllows() {
    for (ArchRule rule : moduleRules(document)) {
      rule.check(code);
    }
  }

  @Test
  void librariesStayWithTheirOwners() {
    for (ArchRule rule : libraryRules(document)) {
      rule.check(code);
    }
  }

  @Test
  void packagesFormNoCycles() {
    noCycles().check(code);
  }

  @Test
  void anArrowThatTheTableLacksIsFound() {
    ArchitectureDocument withoutArrow =
        ArchitectureDocument.parse(
            text("query-scan", "query-scan", "`dev.firn.scan..`", "–") + libraries());
    assertThat(failures(moduleRules(withoutArrow))).anyMatch(f -> f.contains("dev.firn.error"));
  }

  @Test
  void aLibraryUsedByAnotherThanItsOwnerIsFound() {
    ArchitectureDocument moved =
        ArchitectureDocument.parse(
            text("sql", "sql", "`dev.firn.sql..`", "–")
                + "\n| library | packages | owners | why |\n|---|---|---|---|\n"
                + "| DuckDB | `org.duckdb..` | – | nobody |\n");
    assertThat(failures(libraryRules(moved))).anyMatch(f -> f.contains("org.duckdb"));
  }

  @Test
  void aCycleIsFound() {
    JavaClasses knot = new ClassFileImporter().importClasses(Left.class, Right.class);
    assertThat(failures(List.of(noCycles()))).isEmpty();
    assertThat(noCycles().evaluate(knot).hasViolation()).isTrue();
  }

  private static String text(String... row) {
    return "| module | noun | packages | may use |\n|---|---|---|---|\n| "
        + String.join(" | ", row)
        + " |\n";
  }

  private static String libraries() {
    return "\n| library | packages | owners | why |\n|---|---|---|---|\n| X | `x..` | – | none |\n";
  }

  private static List<String> failures(List<ArchRule> rules) {
    List<String> failures = new ArrayList<>();
    for (ArchRule rule : rules) {
      failures.addAll(rule.evaluate(code).getFailureReport().getDetails());
    }
    return failures;
  }

  /** Per module: nothing of ours but what it reaches. */
  private static List<ArchRule> moduleRules(ArchitectureDocument from) {
    List<ArchRule> rules = new ArrayList<>();
    for (Module module : from.modules().values()) {
      String[] allowed =
          from.reach(module.name()).stream()
              .map(from.modules()::get)
              .map(Module::packages)
              .flatMap(Collection::stream)
              .toArray(String[]::new);
      rules.add(
          noClasses()
              .that()
              .resideInAnyPackage(module.packages().toArray(String[]::new))
              .should()
              .dependOnClassesThat(
                  resideInAPackage("dev.firn..").and(not(resideInAnyPackage(allowed))))
              .as(module.name() + " uses only " + from.reach(module.name()))
              .allowEmptyShould(true));
    }
    return rules;
  }

  /** Per library: nobody but its owners. */
  private static List<ArchRule> libraryRules(ArchitectureDocument from) {
    List<ArchRule> rules = new ArrayList<>();
    for (Library library : from.libraries()) {
      String[] owners =
          library.owners().stream()
              .map(from.modules()::get)
              .map(Module::packages)
              .flatMap(Collection::stream)
              .toArray(String[]::new);
      rules.add(
          noClasses()
              .that(resideInAPackage("dev.firn..").and(not(resideInAnyPackage(owners))))
              .should()
              .dependOnClassesThat()
              .resideInAnyPackage(library.packages().toArray(String[]::new))
              .as(library.name() + " is used only by " + library.owners()));
    }
    return rules;
  }

  private static ArchRule noCycles() {
    return slices()
        .assignedFrom(
            new SliceAssignment() {
              @Override
              public SliceIdentifier getIdentifierOf(JavaClass type) {
                return type.getPackageName().startsWith("dev.firn")
                    ? SliceIdentifier.of(type.getPackageName())
                    : SliceIdentifier.ignore();
              }

              @Override
              public String getDescription() {
                return "packages";
              }
            })
        .should()
        .beFreeOfCycles();
  }
}

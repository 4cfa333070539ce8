import Foundation
import Testing

/// What the documents name exists: files, articles, make targets.
@Suite struct ReferenceTests {
    @Test func `links to files lead to files`() throws {
        for document in try Library.documents() {
            let folder = document.path.split(separator: "/").dropLast().map { $0 + "/" }.joined()
            for (number, line) in document.prose {
                for link in line.matches(of: /\]\(([^)#]+)[^)]*\)/).map({ String($0.output.1) })
                where !link.contains("://") && !Library.exists(folder + link) {
                    Issue.record("\(document.path):\(number): there is no \(folder + link)")
                }
            }
        }
    }

    @Test func `links to articles lead to articles`() throws {
        let articles = try Library.articles()
        let names = Set(articles.map { $0.path.split(separator: "/").last.map { $0.dropLast(3) } ?? "" })
        var linked: Set<Substring> = []
        for document in articles {
            for (number, line) in document.prose {
                for name in line.matches(of: /<doc:([A-Za-z-]+)>/).map(\.output.1) {
                    linked.insert(name)
                    if !names.contains(name) { Issue.record("\(document.path):\(number): there is no article \(name)") }
                }
            }
        }
        #expect(names.subtracting(linked) == ["Skald"], "an article that nothing links to is found by nobody")
    }

    @Test func `make targets that are named exist`() throws {
        let makefile = try Library.text(of: "Makefile")
        let targets = Set(makefile.matches(of: /(?m)^([a-z-]+):/).map { String($0.output.1) })
        for document in try Library.documents() {
            for (index, line) in document.lines.enumerated() {
                for target in line.matches(of: /(?:^|`)make ([a-z-]+)/).map({ String($0.output.1) })
                where !targets.contains(target) {
                    Issue.record("\(document.path):\(index + 1): the Makefile has no \(target)")
                }
            }
        }
    }

    @Test func `libraries that the architecture lists, and products that are to be built, are products`() throws {
        let package = try Library.text(of: "Package.swift")
        let products = Set(package.matches(of: /\.(?:library|executable)\(name: "([^"]+)"/).map { $0.output.1 })
        let architecture = try Library.text(of: "\(Library.catalog)/Architecture.md")
        let table = architecture.split(separator: "| library | what it is |").last?.split(separator: "\n\n").first ?? ""
        let libraries = table.matches(of: /(?m)^\| ([A-Za-z]+) \|/).map(\.output.1)
        #expect(libraries.count > 5 && Set(libraries).subtracting(products) == [])

        for document in try Library.documents() {
            let named = document.lines.joined(separator: " ").matches(of: /swift build --product +([a-z-]+)/)
            for product in named.map(\.output.1) where !products.contains(product) {
                Issue.record("\(document.path): there is no product \(product)")
            }
        }
    }

    @Test func `promises that are named by their numbers have tests that name them`() throws {
        let tests = try Library.sources(below: ["Tests", "Sources/SkaldTesting"])
        for article in try Library.articles() {
            for (index, line) in article.lines.enumerated() {
                for number in Set(line.matches(of: /\b(?:ES|PR|OB|SG)[0-9]+\b/).map { String($0.output) }) {
                    let name = try Regex("\\b\(number)\\b")
                    if !tests.contains(where: { $0.contains(name) }) {
                        Issue.record("\(article.path):\(index + 1): no test names \(number)")
                    }
                }
            }
        }
    }

    @Test func `the README is one screen`() throws {
        let lines = try Library.text(of: "README.md").split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 90)
    }
}
